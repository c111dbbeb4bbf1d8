#!/bin/sh
# The last CNI plugin of the chain: tells the enforcer which pod has got which address, and lets the pod start once its
# fences stand. A pod that goes must not be held up, so only ADD may fail.
answer=$({ printf '%s %s %s\n' "$CNI_COMMAND" "$CNI_CONTAINERID" "$CNI_ARGS"; cat; } |
  socat -t 30 - UNIX-CONNECT:/run/tenantops-policy.sock)
[ "$CNI_COMMAND" = ADD ] || exit 0
[ -n "$answer" ] || answer='{"cniVersion":"0.4.0","code":11,"msg":"the enforcer of network policies does not answer"}'
printf '%s\n' "$answer"
case $answer in *'"ips"'*) exit 0 ;; esac
exit 1
