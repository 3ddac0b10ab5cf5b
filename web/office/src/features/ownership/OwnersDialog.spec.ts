import type { OwnedField, Ownership } from '@shared/api/ownership'
import { setToken } from '@shared/kit/session'
import { mount } from '@shared/testing/mount'
import { wire } from '@shared/testing/wire'
import { expect, it, vi } from 'vitest'
import { defineComponent, h, nextTick, ref } from 'vue'

import OwnersDialog from './OwnersDialog.vue'

const field = (name: string, owners: string[]): OwnedField => ({
  field: name, title: name, owners, default: true, source: 'default', inherited: false, else_owners: ['1c'], who: null, at: null, reason: null,
  required: false, refused_7d: 0, last_at: null, last_by: null,
})
const table = (version: number, address: string[], comment: string[] = ['1c']): Ownership => ({
  version, owners: [{ owner: '1c', title: '1С' }, { owner: 'page', title: 'Офис' }, { owner: 'site', title: 'Сайт' }],
  kinds: [{ kind: 'order', title: 'Заказ', fields: [field('address', address), field('comment', comment)] }],
})

it.each([
  ['sends the newest version when only other fields were changed meanwhile', table(4, ['1c'], ['1c', 'page']), 4],
  ['sends the version that was seen when somebody else has changed this very field', table(4, ['1c', 'site']), 3],
])('%s', async (_, later, version) => {
  setToken('person-1')
  const calls = wire()
  const now = ref(table(3, ['1c']))
  const kind = now.value.kinds[0]!
  const screen = mount(defineComponent(() => () => h(OwnersDialog, { kind, field: kind.fields[0]!, table: now.value })), {})
  now.value = later
  await nextTick()
  screen.field('Офис').click()
  await screen.type('Причина', 'Правит офис')
  screen.root.querySelector('form')!.dispatchEvent(new Event('submit', { cancelable: true }))
  await vi.waitFor(() => expect(calls).toHaveLength(1))
  expect(calls[0]!.body).toMatchObject({ version, changes: { 'order.address': ['1c', 'page'] } })
  screen.close()
})
