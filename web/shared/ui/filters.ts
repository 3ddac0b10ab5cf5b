export interface Option { value: string; title: string }

interface Named {
  /** Its name in the address's query. */
  key: string
  title: string
  /** What of the query has no meaning any more when this one changes: `{ after: null }`. */
  clears?: Readonly<Record<string, null>>
}

export type Filter = Named & (
  | { kind: 'search' }
  | { kind: 'choice'; options: readonly Option[]; /** The name of no choice: «Все курьеры». */ all?: string }
  | { kind: 'flag' }
)
