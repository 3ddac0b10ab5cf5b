/** A camera file into a small upright JPEG and a thumbnail. Runs in a worker where the browser can, else in the page. */

export interface Encoded {
  content: ArrayBuffer
  thumb: ArrayBuffer
  width: number
  height: number
}

const LONG_SIDE = 1600
const THUMB_SIDE = 160
const AIM_BYTES = 500 * 1024
const QUALITIES = [0.72, 0.65, 0.58, 0.5]

export async function encode(file: Blob): Promise<Encoded> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  try {
    const [width, height] = fitted(bitmap.width, bitmap.height, LONG_SIDE)
    const draw = canvasOf(bitmap, width, height)
    let content = await draw(QUALITIES[0] ?? 0.72)
    for (const quality of QUALITIES.slice(1)) {
      if (content.byteLength <= AIM_BYTES) break
      content = await draw(quality)
    }
    const thumb = await canvasOf(bitmap, ...fitted(bitmap.width, bitmap.height, THUMB_SIDE))(0.7)
    return { content, thumb, width, height }
  } finally {
    bitmap.close()
  }
}

/** Never larger than it is. */
export function fitted(width: number, height: number, side: number): [number, number] {
  const scale = Math.min(1, side / Math.max(width, height))
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
}

function canvasOf(bitmap: ImageBitmap, width: number, height: number): (quality: number) => Promise<ArrayBuffer> {
  if (typeof OffscreenCanvas !== 'undefined') {
    const canvas = new OffscreenCanvas(width, height)
    paint(canvas.getContext('2d'), bitmap, width, height)
    return async (quality) => (await canvas.convertToBlob({ type: 'image/jpeg', quality })).arrayBuffer()
  }
  const canvas = Object.assign(document.createElement('canvas'), { width, height })
  paint(canvas.getContext('2d'), bitmap, width, height)
  return (quality) => jpegOf(canvas, quality)
}

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D | null

function paint(context: Context, bitmap: ImageBitmap, width: number, height: number): void {
  if (!context) throw new Error('no canvas')
  context.fillStyle = '#fff' // a transparent picture would turn black
  context.fillRect(0, 0, width, height)
  context.imageSmoothingQuality = 'high'
  context.drawImage(bitmap, 0, 0, width, height)
}

const jpegOf = (canvas: HTMLCanvasElement, quality: number): Promise<ArrayBuffer> =>
  new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob.arrayBuffer()) : fail(new Error('no picture'))), 'image/jpeg', quality)
  })
