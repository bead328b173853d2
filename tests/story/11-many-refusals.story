# both routers refuse, and the server errs by 122 ms about the start: refused, dialled again within 10 ms
# each pause is another one, so that two sides do not stay out of step
seed 11
site a: eim-rst
site b: preserving-rst
path a-server: delay 10
path server>b: delay 250
path b>server: delay 5
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:49121 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:20449 listens in room d6b2...
[    40.0 ms] alice          our address: 198.51.100.17:20449 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:20449
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room d6b298bafb390dd8d0b601680bec8cf328aec153425761580a7bd50eef2377a6
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] bob            our address: 192.168.2.10:51481 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   355.0 ms] bob            the server 203.0.113.1:3478 answers, 255 ms there and back
[   355.0 ms] bob            knocks
[   360.0 ms] server         198.51.100.33:51481 knocks in room d6b2...
[   360.0 ms] server         198.51.100.33:51481 and 198.51.100.17:20449 start, after 0.0 and 117.5 ms
[   370.0 ms] alice          the peer's description is here: attempt 1 starts
[   370.0 ms] alice          the server starts both: the peer is 198.51.100.33:51481; begins in 117 ms, 275 ms to the peer and back through the server
[   370.0 ms] alice          leaves out 192.168.2.10:51481 (its own address): it is private and not of a network of ours
[   370.0 ms] alice          the peer offers 198.51.100.33:51481 (as its server sees it)
[   487.5 ms] alice          dials 198.51.100.33:51481
[   512.5 ms] b's NAT        refuses the SYN from 198.51.100.17:20449 to 198.51.100.33:51481: nobody here has called there
[   537.5 ms] alice          198.51.100.33:51481 does not let us in: refused
[   538.5 ms] alice          dials 198.51.100.33:51481 (2nd time)
[   563.5 ms] b's NAT        refuses the SYN from 198.51.100.17:20449 to 198.51.100.33:51481: nobody here has called there
[   588.5 ms] alice          198.51.100.33:51481 does not let us in: refused (2nd time)
[   598.1 ms] alice          dials 198.51.100.33:51481 (3rd time)
[   610.0 ms] bob            our address: 198.51.100.33:51481 (srflx)
[   610.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:51481
[   610.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   610.0 ms] bob            the peer's description is here: attempt 1 starts
[   610.0 ms] bob            the server starts both: the peer is 198.51.100.17:20449; begins at once, 275 ms to the peer and back through the server
[   610.0 ms] bob            the peer offers 198.51.100.17:20449 (as its server sees it)
[   610.0 ms] bob            leaves out 192.168.1.10:49121 (its own address): it is private and not of a network of ours
[   610.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   610.0 ms] bob            dials 198.51.100.17:20449
[   648.1 ms] alice          connected to 198.51.100.33:51481
[   660.0 ms] bob            connected to 198.51.100.17:20449
[   673.1 ms] bob            198.51.100.17:20449 proves that it holds the secret
[   673.1 ms] bob            chooses the link to 198.51.100.17:20449
[   685.0 ms] alice          198.51.100.33:51481 proves that it holds the secret
[   698.1 ms] alice          the peer chooses the link to 198.51.100.33:51481
[   698.1 ms] alice          connected from 192.168.1.10:49121 to 198.51.100.33:51481, punched: TCP after 278.1 ms, authenticated and nominated after 328.1 ms
[   710.0 ms] bob            connected from 192.168.2.10:51481 to 198.51.100.17:20449, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
