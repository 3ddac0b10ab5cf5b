import type { DeliveryStep } from '@shared/api/incidents'
import { catalogue, language, plural } from '@shared/kit/i18n'
import { formatMoment } from '@shared/kit/time'

export const t = catalogue(
  {
    title: 'Шаги и подтверждения',
    reading: 'Читаем шаги доставки',
    none: 'С телефона курьера шагов ещё нет. Они появятся здесь сами, с местом и фото.',
    again: 'Проверить сейчас',
    office: 'записано в офисе',
    done: (done: string, came: string) => `сделано ${done}, дошло ${came}`,
    phoneClock: (at: string) => `часы телефона показывали ${at}`,
    distance: (far: string) => `${far} от адреса`,
    accuracy: (far: string) => `точность ±${far}`,
    noAddress: 'место есть, у адреса нет координат',
    noPlace: (why: string) => `без места: ${why}`,
    noPlaceAtAll: 'без места',
    geo: {
      denied: 'доступ запрещён на телефоне', unavailable: 'телефон не смог его определить', timeout: 'телефон не успел его определить',
      not_supported: 'телефон этого не умеет', unknown: 'телефон не назвал причину',
    } as Record<string, string>,
    states: { rejected: 'Не принят', parked: 'Ждёт более ранних записей' },
    parkedText: 'Более ранние записи этого телефона ещё не дошли. Шаг выполнится сам, когда они придут.',
    photo: (step: string, at: string) => `Фото: ${step}, ${at}`,
    openPhoto: (step: string, at: string) => `Открыть фото: ${step}, ${at}`,
    onTheWay: (n: number) => `${n} ${plural(n, 'фото ещё на телефоне', 'фото ещё на телефоне', 'фото ещё на телефоне')}`,
    broken: 'Фото не открылось. Ссылки на фото живут несколько минут: страница возьмёт новую сама.',
    newTab: 'Открыть в новой вкладке',
    incidents: 'Ждёт решения',
    decide: 'Разобрать',
    m: 'м', km: 'км',
  },
  {
    title: 'Steps and proofs',
    reading: 'Reading the steps',
    none: 'No steps from the courier’s phone yet. They appear here with their place and photos.',
    again: 'Check now',
    office: 'recorded in the office',
    done: (done: string, came: string) => `done ${done}, arrived ${came}`,
    phoneClock: (at: string) => `the phone’s clock said ${at}`,
    distance: (far: string) => `${far} from the address`,
    accuracy: (far: string) => `accuracy ±${far}`,
    noAddress: 'there is a place, but the address has no coordinates',
    noPlace: (why: string) => `no place: ${why}`,
    noPlaceAtAll: 'no place',
    geo: {
      denied: 'access is denied on the phone', unavailable: 'the phone could not find it', timeout: 'the phone did not find it in time',
      not_supported: 'the phone cannot tell it', unknown: 'the phone gave no reason',
    },
    states: { rejected: 'Not taken', parked: 'Waits for earlier records' },
    parkedText: 'Earlier records of this phone have not arrived. The step takes effect when they come.',
    photo: (step: string, at: string) => `Photo: ${step}, ${at}`,
    openPhoto: (step: string, at: string) => `Open the photo: ${step}, ${at}`,
    onTheWay: (n: number) => `${n} ${n === 1 ? 'photo is' : 'photos are'} still on the phone`,
    broken: 'The photo did not open. Links to photos live for some minutes: the page takes a new one by itself.',
    newTab: 'Open in a new tab',
    incidents: 'Waits for a decision',
    decide: 'Decide',
    m: 'm', km: 'km',
  },
)

const APART_MS = 60_000

/** 35 → «35 м», 5240 → «5,2 км». */
export function formatMetres(metres: number): string {
  if (metres < 1000) return `${metres} ${t.m}`
  return `${(metres / 1000).toFixed(1).replace('.', language.value === 'ru' ? ',' : '.')} ${t.km}`
}

/** When it was done and, where that differs, when it arrived. The phone's own clock only if it was wrong. */
export function stepTimes(step: DeliveryStep, now: number): string {
  const [done, came] = [Date.parse(step.occurred_at), Date.parse(step.received_at)]
  const shown = formatMoment(step.occurred_at, now)
  const times = [came - done < APART_MS ? shown : t.done(shown, formatMoment(step.received_at, now))]
  if (step.at_device && Math.abs(Date.parse(step.at_device) - done) >= 2 * APART_MS) times.push(t.phoneClock(formatMoment(step.at_device, now)))
  return times.join(', ')
}

/** Where it was done, or why that is not known. */
export function stepPlace(step: DeliveryStep): string {
  if (step.event_id === null) return t.office
  if (step.distance_m !== null) return [t.distance(formatMetres(step.distance_m)), ...accuracy(step)].join(', ')
  if (step.geo_error) return t.noPlace(t.geo[step.geo_error] ?? t.geo.unknown ?? '')
  return step.accuracy_m === null ? t.noPlaceAtAll : [t.noAddress, ...accuracy(step)].join(', ')
}

const accuracy = (step: DeliveryStep): string[] => (step.accuracy_m === null ? [] : [t.accuracy(formatMetres(step.accuracy_m))])
