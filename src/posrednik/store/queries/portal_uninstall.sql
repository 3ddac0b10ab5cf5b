-- portal_uninstall: the application was removed from the portal; its secrets are forgotten. in: domain, client_id
UPDATE portal_install SET state = 'uninstalled', code = '', access = NULL, refresh = NULL, application_token = NULL,
    revision = revision + 1, lease_owner = NULL, lease_until = NULL, rest_until = NULL
WHERE domain = %(domain)s AND client_id = %(client_id)s AND state <> 'uninstalled'
