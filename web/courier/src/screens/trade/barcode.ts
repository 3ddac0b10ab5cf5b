/** Barcodes by the browser's own reader; where it has none, there is no button. */

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>
}
type Made = new (options: { formats: string[] }) => Detector

const FORMATS = ['ean_13', 'ean_8', 'upc_a', 'upc_e', 'code_128', 'code_39', 'itf', 'qr_code', 'data_matrix']
const EVERY_MS = 150

const maker = (): Made | undefined => (globalThis as { BarcodeDetector?: Made }).BarcodeDetector
const camera = (): MediaDevices | undefined => (navigator as { mediaDevices?: MediaDevices }).mediaDevices

export const canScan = (): boolean => maker() !== undefined && typeof camera()?.getUserMedia === 'function'

/** Shows the camera in `video` and tells each code it sees, until it is stopped. Raises what getUserMedia raises. */
export async function scan(video: HTMLVideoElement, told: (code: string) => void): Promise<() => void> {
  const Reader = maker()
  if (!Reader) return () => undefined
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' }, audio: false })
  const reader = new Reader({ formats: FORMATS })
  let timer: ReturnType<typeof setTimeout> | undefined
  let over = false
  const stop = (): void => {
    over = true
    clearTimeout(timer)
    stream.getTracks().forEach((track) => track.stop())
    video.srcObject = null
  }
  async function look(): Promise<void> {
    const codes = await reader.detect(video).catch(() => []) // the first frames are not there yet
    if (over) return
    if (codes[0]) told(codes[0].rawValue)
    if (!over) timer = setTimeout(() => void look(), EVERY_MS)
  }
  video.srcObject = stream
  await video.play().catch(() => undefined)
  void look()
  return stop
}
