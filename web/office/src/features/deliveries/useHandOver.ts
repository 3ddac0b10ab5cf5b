import type { Delivery, PaymentMethod } from '@shared/api/types'
import { formatMoney, formatRubles, kopecks, moneyText, parseMoney } from '@shared/kit/money'
import { isLinkOrEmpty } from '@shared/kit/link'
import { computed, ref, watch } from 'vue'

import type { ActionFacts } from './useDelivery'
import { useQuantities } from './useQuantities'
import { t } from './words'

/** «Отдал»: amount taken, way of payment, what was accepted of each line. */
export function useHandOver(delivery: Delivery) {
  const due = kopecks(delivery.amount_due)
  const amount = ref(formatRubles(due))
  const method = ref<PaymentMethod>(due === 0 ? 'prepaid' : 'cash')
  const reference = ref('')
  const receiptUrl = ref('')
  const differenceReason = ref('')
  const quantities = useQuantities(delivery.lines, (line) => line.quantity)

  watch(method, (now, before) => {
    if (now === 'prepaid') amount.value = '0'
    else if (before === 'prepaid') amount.value = formatRubles(due)
  })

  const amountKop = computed(() => {
    const kop = parseMoney(amount.value)
    return kop !== null && kop >= 0 ? kop : null
  })
  const fault = computed(() => {
    if (amountKop.value === null) return t.form.badAmount
    return method.value === 'prepaid' && amountKop.value > 0 ? t.form.prepaidZero : ''
  })
  const warning = computed(() =>
    !fault.value && amountKop.value !== due ? t.form.differs(formatMoney(amountKop.value ?? 0), formatMoney(due)) : '',
  )
  const receiptFault = computed(() => (isLinkOrEmpty(receiptUrl.value) ? '' : t.form.badReceipt))
  const facts = (): ActionFacts | null =>
    fault.value || receiptFault.value || !quantities.valid.value
      ? null
      : {
          amount_taken: moneyText(amountKop.value ?? 0),
          payment_method: method.value,
          ...(reference.value.trim() ? { reference: reference.value.trim() } : {}),
          ...(receiptUrl.value.trim() ? { receipt_url: receiptUrl.value.trim() } : {}),
          ...(warning.value && differenceReason.value.trim() ? { difference_reason: differenceReason.value.trim() } : {}),
          lines: quantities.body(),
        }
  return { amount, amountKop, method, reference, receiptUrl, receiptFault, differenceReason, entries: quantities.entries, fault, warning, facts }
}
