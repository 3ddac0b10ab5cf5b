/** A link to a receipt is never asked for, but what is typed must be one: the server refuses others with the whole step. */
export const isLinkOrEmpty = (typed: string): boolean => typed.trim() === '' || /^https:\/\/[^\s/?#@\\<>"']+([/?#][^\s\\<>"']*)?$/.test(typed.trim())
