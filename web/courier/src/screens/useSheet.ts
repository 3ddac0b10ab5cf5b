/** A step being written down: what is typed, its proofs, its draft, and the moment it is recorded. */

import { useDrafts, useQueue, type DraftStep, type Geo, type GeoError, type NewStep, type Proof } from '@courier/engine'
import { t } from '@courier/words'
import { computed, onScopeDispose, reactive, ref, watch } from 'vue'

import { replace, standing } from '../ui/routes'
import type { Levels } from './facts'
import { lacking, type Given } from './proofs'
import { usePhotos } from './usePhotos'
import { usePlace } from './usePlace'
import { remember, type Draft } from './written'

export interface SheetPlan<F extends object> {
  delivery: string
  step: DraftStep
  levels: Levels
  /** As an untouched sheet has it; must be plain data. */
  form: F
  /** Of the proofs that this sheet asks itself; those it does not are taken as given. */
  given?: (form: F) => Partial<Given>
  /** What is not filled in, in words; empty = the step can be recorded. */
  faults?: (form: F) => string[]
  made: (form: F, code: string) => Pick<NewStep, 'type' | 'payload' | 'version'>
  /** Where the sheet stands, to come back to it; and where to go when the step is recorded. */
  path: string
  after: string | ((id: string) => string)
  /** Of no delivery: `delivery` only names the draft. */
  alone?: boolean
  /** A step that has to be recorded before this one, if there is (still) such. */
  before?: (form: F) => NewStep | null
}

const PAUSE_MS = 200
/** Steps that are being written down, each once: its sheet may be left and opened again while the place is looked for. */
const writing = new Set<string>()

export function useSheet<F extends object>(plan: SheetPlan<F>) {
  const queue = useQueue()
  const form = reactive(structuredClone(plan.form)) as F
  const code = ref('')
  const [photos, place] = [usePhotos(keep), usePlace(plan.levels.position)]
  const [ready, busy, asking, problem] = [ref(false), ref(false), ref(false), ref<unknown>(null)]

  const given = computed<Given>(() => ({
    amount: true, items: true, photo: photos.shots.value.length > 0, position: place.known.value, code: code.value.trim() !== '', ...plan.given?.(form),
  }))
  const proofs = computed<Proof[]>(() => lacking(plan.levels, given.value, 'required'))
  const missing = computed(() => [...new Set([...(plan.faults?.(form) ?? []), ...proofs.value.map((one) => t(`proof.${one}`))])])
  /** A place that is still looked for is waited for, not asked about. */
  const wanted = computed(() => lacking(plan.levels, given.value, 'warn').filter((one) => one !== 'position' || place.found.value !== 'looking'))

  const { hold, stop } = useDraftOf<F>({ plan, form, code, photos, ready })

  function keep(sha256: string): Promise<void> {
    return hold(sha256)
  }

  async function press(): Promise<void> {
    if (missing.value.length || busy.value || photos.busy.value) return
    if (wanted.value.length) asking.value = true
    else await confirm()
  }

  async function confirm(): Promise<void> {
    const step = `${plan.delivery} ${plan.step}`
    if (busy.value || writing.has(step)) return
    busy.value = true
    writing.add(step)
    problem.value = null
    const from = standing()
    try {
      const geo = await place.settled()
      await photos.settled() // one that was taken meanwhile belongs to the step
      // The place was still looked for when the button was pressed, and was not found.
      if (!asking.value && wanted.value.length) return void (asking.value = true)
      await record(geo, from)
    } catch (fault) {
      problem.value = fault
    } finally {
      writing.delete(step)
      busy.value = false
    }
  }

  async function record(geo: Geo | GeoError | null, from: string): Promise<void> {
    const hashes = photos.shots.value.map((one) => one.sha256)
    const about = plan.alone ? {} : { delivery: plan.delivery }
    await hold() // the step takes its draft along: an undo after a kill gives back all that was typed
    const before = plan.before?.(form)
    if (before) await queue.record(before)
    const id = await queue.record({ ...plan.made(form, code.value.trim()), ...about, photos: hashes, geo })
    remember(id, { delivery: plan.delivery, step: plan.step, draft: draftOf(plan.path, form, code.value, hashes, true) })
    stop()
    asking.value = false
    // He may have gone elsewhere while it was written down: nobody is led away from where he went.
    if (standing() === from) replace(typeof plan.after === 'string' ? plan.after : plan.after(id))
  }

  return { form, code, levels: plan.levels, photos, place, ready, busy, asking, problem, missing, wanted, press, confirm, hold }
}

export type Sheet = Omit<ReturnType<typeof useSheet<object>>, 'form'>

/** Plain data: what is reactive cannot be stored. */
const draftOf = <F>(path: string, form: F, code: string, photos: string[], open: boolean): Draft<F> => ({ open, path, form: JSON.parse(JSON.stringify(form)) as F, code, photos })

interface Drafted<F extends object> {
  plan: SheetPlan<F>
  form: F
  code: { value: string }
  photos: ReturnType<typeof usePhotos>
  ready: { value: boolean }
}

/** Kept after each change and before the camera opens, because opening it may kill the page. */
function useDraftOf<F extends object>({ plan, form, code, photos, ready }: Drafted<F>) {
  const drafts = useDrafts()
  let timer: ReturnType<typeof setTimeout> | undefined
  let [over, touched] = [false, false]

  async function restore(): Promise<void> {
    const draft = await drafts.load<Draft<F>>(plan.delivery, plan.step).catch(() => null)
    if (draft && !over) {
      touched = true
      merge(form, draft.form)
      code.value = draft.code
      await photos.restore(draft.photos)
    }
    // Left before all of it was there: it is marked as left all the same.
    if (draft && over) return void (await drafts.save(plan.delivery, plan.step, { ...draft, open: false }).catch(() => undefined))
    ready.value = true
  }

  /** shot: a photo that is not shown yet. */
  async function save(open: boolean, shot?: string): Promise<void> {
    clearTimeout(timer)
    if (over && shot) return addLate(shot)
    if (over || !ready.value) return
    const hashes = [...photos.shots.value.map((one) => one.sha256), ...(shot ? [shot] : [])]
    // The draft is a comfort: a phone that cannot keep it may still record the step, which says aloud when it fails.
    await drafts.save(plan.delivery, plan.step, draftOf(plan.path, form, code.value, hashes, open)).catch(() => undefined)
  }

  /** A picture that was made small only when its sheet had been left: it is there when the sheet is opened again. */
  async function addLate(shot: string): Promise<void> {
    const draft = await drafts.load<Draft<F>>(plan.delivery, plan.step).catch(() => null)
    if (!draft || draft.photos.includes(shot)) return
    await drafts.save(plan.delivery, plan.step, { ...draft, photos: [...draft.photos, shot] }).catch(() => undefined)
  }

  function stop(): void {
    clearTimeout(timer)
    over = true
  }

  watch([() => form, code, () => photos.shots.value.length], () => {
    if (!ready.value || over) return
    touched = true
    clearTimeout(timer)
    timer = setTimeout(() => void save(true), PAUSE_MS)
  }, { deep: true })
  onScopeDispose(() => {
    if (touched) void save(false)
    stop()
  })
  void restore()
  /** The camera is about to open, or a picture has come: left after it, the sheet has to be marked as left. */
  function hold(shot?: string): Promise<void> {
    touched ||= ready.value
    return save(true, shot)
  }
  return { hold, stop }
}

/** One level deep: a line that came to the order after the draft keeps its start. */
function merge(form: object, drafted: object): void {
  for (const [key, value] of Object.entries(drafted) as [string, unknown][]) {
    const before: unknown = Reflect.get(form, key)
    Reflect.set(form, key, isPlain(before) && isPlain(value) ? { ...before, ...value } : value)
  }
}

const isPlain = (value: unknown): value is object => typeof value === 'object' && value !== null && !Array.isArray(value)
