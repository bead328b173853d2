# bare addresses, learnt from a STUN server; the way grows from 25 to 300 ms when the SYNs have just crossed
seed 37
site a: eim-rst
site b: preserving-rst
alice at a: bare
bob at b: bare, after 50
at 260: path a-b: delay 300
expect
[     0.0 ms] alice          our address: 192.168.1.10:55296 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] bob            our address: 192.168.2.10:60599 (host)
[    50.0 ms] bob            calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[   100.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   100.0 ms] alice          our address: 198.51.100.17:10240 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:10240
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            our address: 198.51.100.33:60599 (srflx)
[   150.0 ms] bob            the server sees us as 198.51.100.33:60599
[   150.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            has the peer's description; begins at once
[   200.0 ms] bob            the peer offers 198.51.100.17:10240 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:55296 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            dials 198.51.100.17:10240
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          has the peer's description; begins at once
[   200.0 ms] alice          the peer offers 198.51.100.33:60599 (as its server sees it)
[   200.0 ms] alice          leaves out 192.168.2.10:60599 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          dials 198.51.100.33:60599
[   250.0 ms] bob            connected to 198.51.100.17:10240
[   250.0 ms] alice          connected to 198.51.100.33:60599
[   260.0 ms] a-b            takes 300.0 ms from now on
[   275.0 ms] alice          198.51.100.33:60599 proves that it holds the secret
[   275.0 ms] bob            198.51.100.17:10240 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.17:10240
[   575.0 ms] bob            connected from 192.168.2.10:60599 to 198.51.100.17:10240, punched: TCP after 50.0 ms, authenticated and nominated after 375.0 ms
[   575.0 ms] alice          the peer chooses the link to 198.51.100.33:60599
[   575.0 ms] alice          connected from 192.168.1.10:55296 to 198.51.100.33:60599, punched: TCP after 50.0 ms, authenticated and nominated after 375.0 ms
