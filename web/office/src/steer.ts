/** How the address of the pages and vue-router move together. */

import { parseHash, type Driver } from '@shared/kit/route'
import { ref, type Ref } from 'vue'
import type { Router } from 'vue-router'

/** Gives the address where a page could not be loaded, '' while all is well. */
export function steer(router: Router, drive: (by: Driver) => (arrived: string) => void): Ref<string> {
  const unread = ref('')
  /** Where a link leads whose page is still being loaded. */
  let going = ''
  /** What is typed into a search as the page is being left must not call the person back. */
  const stays = (to: string): boolean => going === '' || parseHash(to).path === going

  const arrived = drive({ push: (to) => void router.push(to), replace: (to) => void (stays(to) && router.replace(to)) })
  router.beforeEach((to) => void (going = to.path))
  router.afterEach((to, _, failure) => {
    if (going === to.path) going = ''
    if (failure) return // another way was taken before this one led anywhere
    unread.value = ''
    arrived(to.fullPath)
  })
  router.onError((_, to) => ([going, unread.value] = ['', to.fullPath]))
  return unread
}
