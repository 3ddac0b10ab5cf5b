/** Where the list of orders was left: coming back from an order does not lose the place. */
export const listPlace = { top: 0 }
