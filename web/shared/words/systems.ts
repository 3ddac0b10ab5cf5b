/** The outside systems by name. A system is "onec", "bitrix24", "site" or one of these with an id after a colon. */

import { catalogue } from '@shared/kit/i18n'
import type { IconName } from '@shared/ui/AppIcon.vue'

const titles = catalogue(
  { onec: '1С', bitrix24: 'Битрикс24', site: 'Сайт', posrednik: 'Посредник', board: 'Офис', office: 'Офис', courier: 'Курьер' },
  { onec: '1C', bitrix24: 'Bitrix24', site: 'Site', posrednik: 'Posrednik', board: 'Office', office: 'Office', courier: 'Courier' },
)

const ICONS: Record<string, IconName> = { onec: 'base', bitrix24: 'task', site: 'shop' }

const kindOf = (system: string): string => system.split(/[:\s]/, 1)[0] ?? system

export const systemTitle = (system: string): string => titles[kindOf(system) as keyof typeof titles] ?? system
export const systemIcon = (system: string): IconName => ICONS[kindOf(system)] ?? 'user'
