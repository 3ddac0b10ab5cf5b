import type { Delivery } from '@shared/api/types'
import { ref, shallowRef } from 'vue'

/** A form keeps the version its person saw; `renew` starts it anew from what the delivery is now. */
export function useForm<F>(delivery: () => Delivery, make: (delivery: Delivery) => F) {
  const form = shallowRef(make(delivery()))
  const seen = ref(delivery().version)

  function renew(): void {
    form.value = make(delivery())
    seen.value = delivery().version
  }
  return { form, seen, renew }
}
