/** Whether the page is shown inside another one (Bitrix24's), and whether the browser lets it keep anything there. */

export const inFrame = window.self !== window.top

/** Browsers close storage to pages in a foreign frame; even asking may throw. */
export function storageWorks(of: () => Storage = () => sessionStorage): boolean {
  const name = 'posrednik.probe'
  try {
    const storage = of()
    storage.setItem(name, '1')
    storage.removeItem(name)
    return true
  } catch {
    return false
  }
}
