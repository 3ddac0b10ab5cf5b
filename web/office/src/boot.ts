// Imported first: the token leaves the address before the router, or anything else, reads it.
import { takeToken } from '@shared/kit/session'

import { takeTicket } from './features/signin/ticket'

takeTicket()
takeToken()
// A link opened in a tab that already shows the page changes only the fragment and loads nothing.
addEventListener('popstate', takeToken)
