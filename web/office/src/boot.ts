// Imported first: the token leaves the address before the router, or anything else, reads it.
import { takeToken } from '@shared/kit/session'

takeToken()
