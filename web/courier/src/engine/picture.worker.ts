import { encode, type Encoded } from './picture'

export type WorkerAnswer = { encoded: Encoded } | { fault: string }

// The project's types are those of a page; here only two members of a worker are used.
const here = self as unknown as {
  onmessage: ((message: MessageEvent<Blob>) => void) | null
  postMessage(answer: WorkerAnswer, moved?: Transferable[]): void
}

here.onmessage = ({ data }) => {
  encode(data).then(
    (encoded) => here.postMessage({ encoded }, [encoded.content, encoded.thumb]),
    (fault: unknown) => here.postMessage({ fault: String(fault) }),
  )
}
