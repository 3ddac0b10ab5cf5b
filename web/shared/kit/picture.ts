/** A picture of a camera or a file into a small upright JPEG, in the browser. */

export interface SmallPicture {
  jpeg: Blob
  width: number
  height: number
}

const LONG_SIDE = 1600
const QUALITY = 0.72

/** Rejects when the file is no picture that this browser can read. What EXIF says of the place goes with the rest. */
export async function smallPicture(file: Blob): Promise<SmallPicture> {
  const bitmap = await createImageBitmap(file, { imageOrientation: 'from-image' })
  try {
    const [width, height] = fitted(bitmap.width, bitmap.height, LONG_SIDE)
    const canvas = Object.assign(document.createElement('canvas'), { width, height })
    const context = canvas.getContext('2d')
    if (!context) throw new Error('no canvas')
    context.fillStyle = '#fff' // a transparent picture would turn black
    context.fillRect(0, 0, width, height)
    context.imageSmoothingQuality = 'high'
    context.drawImage(bitmap, 0, 0, width, height)
    return { jpeg: await jpegOf(canvas), width, height }
  } finally {
    bitmap.close()
  }
}

/** Never larger than it is. */
export function fitted(width: number, height: number, side: number): [number, number] {
  const scale = Math.min(1, side / Math.max(width, height))
  return [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
}

const jpegOf = (canvas: HTMLCanvasElement): Promise<Blob> =>
  new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('no picture'))), 'image/jpeg', QUALITY)
  })
