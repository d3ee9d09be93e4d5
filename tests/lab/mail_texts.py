"""Configuration of the lab's mail servers: Postfix's main.cf and master.cf, dovecot.conf."""

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/mail.log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = {name}
inet_interfaces = {interfaces}
inet_protocols = all
smtp_bind_address = {address}
mynetworks = 127.0.0.0/8
alias_maps = inline:{{sink=/dev/null}}
alias_database =
smtp_tls_security_level = may
smtpd_banner = $myhostname ESMTP Postfix
maximal_backoff_time = 10s
minimal_backoff_time = 5s
queue_run_delay = 5s
notify_classes =
{more}
"""

RECEIVER = """mydestination = {domains}
local_recipient_maps = inline:{{postmaster=1}}
virtual_alias_domains = catch-all.post.example
virtual_alias_maps = inline:{{@catch-all.post.example=sink@rejects.post.example}}
smtpd_tls_security_level = may
"""

OWN = """mydestination =
virtual_mailbox_domains = author.post.example
virtual_mailbox_base = {folder}/boxes
virtual_mailbox_maps = inline:{{author@author.post.example=author/}}
virtual_minimum_uid = 1
virtual_uid_maps = static:8
virtual_gid_maps = static:8
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificates}/trusted.pem
smtpd_tls_key_file = {certificates}/trusted.key
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
"""

SERVICES = """pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
local unix - n n - - local
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""

DOVECOT = """base_dir = {folder}/run
state_dir = {folder}/state
protocols = imap
listen = {address}
ssl = yes
ssl_cert = <{certificates}/trusted.pem
ssl_key = <{certificates}/trusted.key
disable_plaintext_auth = no
log_path = /dev/stderr
mail_location = maildir:{boxes}/author
first_valid_uid = 1
first_valid_gid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=8 gid=8 home={boxes}/author
}}
service imap-login {{
  inet_listener imaps {{
    port = 0
  }}
}}
"""
