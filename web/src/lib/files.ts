/** Files as the API takes them: their bytes in base64 within JSON. */
const CHUNK = 0x80_00

export async function inBase64(file: Blob): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  const parts: string[] = []
  for (let at = 0; at < bytes.length; at += CHUNK) {
    parts.push(String.fromCodePoint(...bytes.subarray(at, at + CHUNK)))
  }
  return btoa(parts.join(''))
}
