/** «+7 912 345-67-89»; a masked or foreign number stays as the API gives it. */
export function formatPhone(phone: string): string {
  const match = /^\+?[78]([\d*•]{3})([\d*•]{3})([\d*•]{2})([\d*•]{2})$/.exec(phone.replace(/[\s()-]/g, ''))
  return match ? `+7 ${match[1]} ${match[2]}-${match[3]}-${match[4]}` : phone
}
