# both NATs count on, and others use them: the dials of the two run against each other, and two meet
seed 45
site a: symmetric-seq, foreign=10
site b: symmetric-seq, ports=seq:2, foreign=10
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:33810 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:38724 listens in room 1811...
[   100.0 ms] bob            our address: 192.168.2.10:43274 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:38724 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:38724
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 181156c701f7f2625380c58e42a6072190f27530c8cd850c28ebb560b66b3851
[   100.0 ms] alice          our NAT takes the next port for each destination (sequential)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:55501 knocks in room 1811...
[   175.0 ms] server         198.51.100.33:55501 and 198.51.100.17:38724 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:55501 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:55501
[   200.0 ms] bob            our NAT takes the port +2 for each next destination (sequential)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:55501; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:43274 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:55501 (as its server sees it)
[   200.0 ms] alice          predicts the ports of the sequential NAT, in rounds
[   200.0 ms] alice          dials 198.51.100.33:55501
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:38724; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:38724 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:33810 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes the next port for each destination (sequential)
[   200.0 ms] bob            both NATs are sequential: each predicts the other's ports
[   200.0 ms] bob            dials 198.51.100.17:38724
[   225.0 ms] b's NAT        drops the SYN from 198.51.100.17:38728 to 198.51.100.33:55501: nobody here has called there
[   225.0 ms] a's NAT        drops the SYN from 198.51.100.33:55507 to 198.51.100.17:38724: nobody here has called there
[   350.0 ms] alice          dials 198.51.100.33:55501 once more, from a port just taken
[   350.0 ms] bob            the peer tells where its NAT is now: 198.51.100.17:38730
[   350.0 ms] bob            dials 17 ports in step with the peer, 198.51.100.17:38731 first
[   350.0 ms] alice          the peer's NAT takes the port +2 for each next destination (sequential)
[   350.0 ms] alice          both NATs are sequential: each predicts the other's ports
[   350.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:55511
[   350.0 ms] alice          dials 16 ports in step with the peer, 198.51.100.33:55559 first
[   375.0 ms] b's NAT        drops the SYN from 198.51.100.17:38732 to 198.51.100.33:55501: nobody here has called there
[   375.0 ms] a's NAT        drops the SYN from 198.51.100.33:55515 to 198.51.100.17:38731: nobody here has called there
[   375.0 ms] a's NAT        drops the SYN from 198.51.100.33:55517 to 198.51.100.17:38732: nobody here has called there
[   375.0 ms] a's NAT        drops the SYN from 198.51.100.33:55545 to 198.51.100.17:38746: nobody here has called there
[   375.0 ms] b's NAT        drops the SYN from 198.51.100.17:38733 to 198.51.100.33:55559: nobody here has called there
[   375.0 ms] b's NAT        drops the SYN from 198.51.100.17:38747 to 198.51.100.33:55531: nobody here has called there
[   400.0 ms] bob            connected to 198.51.100.17:38743
[   400.0 ms] alice          connected to 198.51.100.33:55539
[   425.0 ms] alice          198.51.100.33:55539 proves that it holds the secret
[   425.0 ms] bob            198.51.100.17:38743 proves that it holds the secret
[   425.0 ms] bob            chooses the link to 198.51.100.17:38743
[   450.0 ms] bob            connected from 192.168.2.10:43447 to 198.51.100.17:38743, punched: TCP after 200.0 ms, authenticated and nominated after 250.0 ms
[   450.0 ms] alice          the peer chooses the link to 198.51.100.33:55539
[   450.0 ms] alice          connected from 192.168.1.10:38961 to 198.51.100.33:55539, punched: TCP after 200.0 ms, authenticated and nominated after 250.0 ms
