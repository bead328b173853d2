# near peers, alice's router refuses by ICMP: bob is refused, dials again at once, and no listener answers in between
seed 20591
site a: eim-icmp
site b: eim-drop
path a-b: delay 1.4
path b>server: delay 25.9
path server>b: delay 1.3
alice at a: listens
bob at b: connects
expect
[     0.0 ms] alice          our address: 192.168.1.10:59790 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[     0.0 ms] bob            our address: 192.168.2.10:40463 (host)
[     0.0 ms] bob            calls the server 203.0.113.1:3478
[    27.2 ms] bob            the server 203.0.113.1:3478 answers, 27 ms there and back
[    27.2 ms] bob            knocks
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    53.1 ms] server         198.51.100.33:28175 knocks in room c544... and waits
[    54.4 ms] bob            our address: 198.51.100.33:28175 (srflx)
[    54.4 ms] bob            the server heard the knock; it sees us as 198.51.100.33:28175
[    54.4 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[    75.0 ms] server         198.51.100.17:49797 listens in room c544...
[    75.0 ms] server         198.51.100.33:28175 and 198.51.100.17:49797 start, after 11.4 and 0.0 ms
[    76.3 ms] bob            the peer's description is here: attempt 1 starts
[    76.3 ms] bob            the server starts both: the peer is 198.51.100.17:49797; begins in 11 ms, 77 ms to the peer and back through the server
[    76.3 ms] bob            leaves out 192.168.1.10:59790 (its own address): it is private and not of a network of ours
[    76.3 ms] bob            the peer offers 198.51.100.17:49797 (as its server sees it)
[    87.7 ms] bob            dials 198.51.100.17:49797
[    89.1 ms] a's NAT        refuses the SYN from 198.51.100.33:28175 to 198.51.100.17:49797: nobody here has called there
[    90.5 ms] bob            198.51.100.17:49797 does not let us in: unreachable
[    90.5 ms] bob            dials 198.51.100.17:49797 (2nd time)
[    91.9 ms] a's NAT        refuses the SYN from 198.51.100.33:28175 to 198.51.100.17:49797: nobody here has called there
[    93.3 ms] bob            198.51.100.17:49797 does not let us in: unreachable (2nd time)
[    93.3 ms] bob            dials 198.51.100.17:49797 (3rd time)
[    94.7 ms] a's NAT        refuses the SYN from 198.51.100.33:28175 to 198.51.100.17:49797: nobody here has called there
[    96.1 ms] bob            198.51.100.17:49797 does not let us in: unreachable (3rd time)
[   100.0 ms] alice          our address: 198.51.100.17:49797 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:49797
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room c54476fec4c9e43ca8082cedaceb5bcfe8c03aa3809c01c7ab72781c7b4bfa68
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] alice          the peer's description is here: attempt 1 starts
[   100.0 ms] alice          the server starts both: the peer is 198.51.100.33:28175; begins at once, 77 ms to the peer and back through the server
[   100.0 ms] alice          leaves out 192.168.2.10:40463 (its own address): it is private and not of a network of ours
[   100.0 ms] alice          the peer offers 198.51.100.33:28175 (as its server sees it)
[   100.0 ms] alice          dials 198.51.100.33:28175
[   101.7 ms] bob            connected to 198.51.100.17:49797
[   102.8 ms] alice          connected to 198.51.100.33:28175
[   103.1 ms] alice          198.51.100.33:28175 proves that it holds the secret
[   104.2 ms] bob            198.51.100.17:49797 proves that it holds the secret
[   104.2 ms] bob            chooses the link to 198.51.100.17:49797
[   104.5 ms] bob            connected from 192.168.2.10:40463 to 198.51.100.17:49797, punched: TCP after 25.4 ms, authenticated and nominated after 28.2 ms
[   105.6 ms] alice          the peer chooses the link to 198.51.100.33:28175
[   105.6 ms] alice          connected from 192.168.1.10:59790 to 198.51.100.33:28175, punched: TCP after 2.8 ms, authenticated and nominated after 5.6 ms
