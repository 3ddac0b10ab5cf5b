import { isNumeric, sortable, type Kind, type Value } from '@shared/kit/value'

export interface Column<T> {
  key: string
  title: string
  kind?: Kind
  /** Without it: the field of the row named by `key`. */
  value?: (row: T) => Value
  /** A figure opens the cases behind it. */
  link?: (row: T) => string | null
  sorts?: boolean
}

/** "courier" upwards, "-courier" downwards, "" as it came. */
export type Sort = string

export const kindOf = <T>(column: Column<T>): Kind => column.kind ?? 'text'
export const aligned = <T>(column: Column<T>): boolean => isNumeric(kindOf(column))

export function valueOf<T extends object>(row: T, column: Column<T>): Value {
  return column.value ? column.value(row) : ((row as Record<string, unknown>)[column.key] as Value)
}

/** Stable; what has no value is last whichever way. */
export function sorted<T extends object>(rows: readonly T[], columns: readonly Column<T>[], sort: Sort): readonly T[] {
  const down = sort.startsWith('-')
  const column = columns.find((one) => one.key === sort.replace(/^-/, ''))
  if (!column) return rows
  const keyed = rows.map((row) => ({ row, by: sortable(valueOf(row, column), kindOf(column)) }))
  return keyed.sort((a, b) => compared(a.by, b.by, down)).map((one) => one.row)
}

const words = new Intl.Collator('ru', { numeric: true, sensitivity: 'base' })

function compared(a: string | number | null, b: string | number | null, down: boolean): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  const order = typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(String(a), String(b))
  return down ? -order : order
}

/** The next press of a column's title: figures are wanted largest first, names from the beginning. */
export function pressed<T>(sort: Sort, column: Column<T>): Sort {
  const [up, down] = [column.key, `-${column.key}`]
  const first = aligned(column) ? down : up
  if (sort === first) return first === up ? down : up
  return first
}
