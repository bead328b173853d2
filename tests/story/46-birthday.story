# a's NAT takes any port, b's keeps its own: many ports here, many dials there, until two meet
seed 37
site a: symmetric-random
site b: eim-drop
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:55296 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:39462 listens in room 7d65...
[   100.0 ms] bob            our address: 192.168.2.10:60599 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:39462 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:39462
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 7d65b72743a7a69144d6880cbccf0feca1fa72454222926311ed85d514a319d3
[   100.0 ms] alice          our NAT takes any port for each destination (random)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:7351 knocks in room 7d65...
[   175.0 ms] server         198.51.100.33:7351 and 198.51.100.17:39462 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:7351 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:7351
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:7351; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:60599 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:7351 (as its server sees it)
[   200.0 ms] alice          one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] alice          dials 198.51.100.33:7351
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:39462; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:39462 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:55296 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes any port for each destination (random)
[   200.0 ms] bob            one NAT is random: many ports of the one side, many dials of the other
[   200.0 ms] bob            dials 198.51.100.17:39462
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:19720 to 198.51.100.33:7351: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:7351 to 198.51.100.17:39462: nobody here has called there
[   550.0 ms] bob            the peer tells how its NAT behaves
[   550.0 ms] bob            begins up to 1536 dials, between many ports and 198.51.100.17:39462
[   575.0 ms] a's NAT        drops the SYN from 198.51.100.33:7351 to 198.51.100.17:10927: nobody here has called there
[   575.0 ms] a's NAT        drops the SYN from 198.51.100.33:7351 to 198.51.100.17:1860: nobody here has called there
[   593.4 ms] a's NAT        drops the SYN from 198.51.100.33:7351 to 198.51.100.17:13013: nobody here has called there
[   600.0 ms] alice          the peer's NAT keeps one port towards everybody (endpoint-independent)
[   600.0 ms] alice          the peer tells how its NAT behaves
[   600.0 ms] alice          begins up to 1536 dials, between many ports and 198.51.100.33:7351
[   625.0 ms] b's NAT        drops the SYN from 198.51.100.17:13618 to 198.51.100.33:7351: nobody here has called there
[   625.0 ms] b's NAT        drops the SYN from 198.51.100.17:30481 to 198.51.100.33:7351: nobody here has called there
[   638.1 ms] a's NAT        drops the SYN from 198.51.100.33:7351 to 198.51.100.17:52410: nobody here has called there
[   642.1 ms] bob            connected to 198.51.100.17:60434
[   646.0 ms] b's NAT        drops the SYN from 198.51.100.17:16184 to 198.51.100.33:7351: nobody here has called there
[   665.8 ms] alice          connected to 198.51.100.33:7351
[   667.1 ms] alice          198.51.100.33:7351 proves that it holds the secret
[   680.2 ms] a's NAT        drops the SYN from 198.51.100.33:7351 to 198.51.100.17:36362: nobody here has called there
[   688.1 ms] b's NAT        drops the SYN from 198.51.100.17:20442 to 198.51.100.33:7351: nobody here has called there
[   690.8 ms] bob            198.51.100.17:60434 proves that it holds the secret
[   690.8 ms] bob            chooses the link to 198.51.100.17:60434
[   692.1 ms] bob            connected from 192.168.2.10:60599 to 198.51.100.17:60434, punched: TCP after 442.1 ms, authenticated and nominated after 492.1 ms
[   715.8 ms] alice          the peer chooses the link to 198.51.100.33:7351
[   715.8 ms] alice          connected from 192.168.1.10:56582 to 198.51.100.33:7351, punched: TCP after 465.8 ms, authenticated and nominated after 515.8 ms
