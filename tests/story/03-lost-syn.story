# the first SYNs between the two are lost without a word: another way is open before the system repeats them
seed 3
site a: eim-drop
site b: eim-drop
path a-server: delay 10
path b-server: delay 10
alice at a: listens
bob at b: connects, after 100
at 0: lose a>b 1
at 0: lose b>a 1
expect
[     0.0 ms] alice          our address: 192.168.1.10:33602 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:29506 listens in room eba4...
[    40.0 ms] alice          our address: 198.51.100.17:29506 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:29506
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room eba4ddfbb63417ccf6e4c8b01cdd80c38a32f6bcd0f8a848fad0e56b81ef6fa5
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] bob            our address: 192.168.2.10:57284 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   120.0 ms] bob            the server 203.0.113.1:3478 answers, 20 ms there and back
[   120.0 ms] bob            knocks
[   130.0 ms] server         198.51.100.33:12228 knocks in room eba4...
[   130.0 ms] server         198.51.100.33:12228 and 198.51.100.17:29506 start, after 0.0 and 0.0 ms
[   140.0 ms] bob            our address: 198.51.100.33:12228 (srflx)
[   140.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:12228
[   140.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   140.0 ms] alice          the peer's description is here: attempt 1 starts
[   140.0 ms] alice          the server starts both: the peer is 198.51.100.33:12228; begins at once, 40 ms to the peer and back through the server
[   140.0 ms] alice          leaves out 192.168.2.10:57284 (its own address): it is private and not of a network of ours
[   140.0 ms] alice          the peer offers 198.51.100.33:12228 (as its server sees it)
[   140.0 ms] alice          dials 198.51.100.33:12228
[   140.0 ms] a-b            loses the SYN from 198.51.100.17:29506 to 198.51.100.33:12228
[   140.0 ms] bob            the peer's description is here: attempt 1 starts
[   140.0 ms] bob            the server starts both: the peer is 198.51.100.17:29506; begins at once, 40 ms to the peer and back through the server
[   140.0 ms] bob            the peer offers 198.51.100.17:29506 (as its server sees it)
[   140.0 ms] bob            leaves out 192.168.1.10:33602 (its own address): it is private and not of a network of ours
[   140.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   140.0 ms] bob            dials 198.51.100.17:29506
[   140.0 ms] b-a            loses the SYN from 198.51.100.33:12228 to 198.51.100.17:29506
[   580.0 ms] b-a            the TTL of the SYN from 198.51.100.33:22797 to 198.51.100.17:29506 runs out
[   580.0 ms] bob            opens our NAT for 198.51.100.17:29506 by a SYN that ends on the way (TTL 3)
[   600.0 ms] alice          the peer's NAT keeps one port towards everybody (endpoint-independent)
[   600.0 ms] alice          the peer tells where its NAT is now: 198.51.100.33:22797
[   600.0 ms] alice          dials 198.51.100.33:22797, where the peer's NAT is open for us
[   650.0 ms] alice          connected to 198.51.100.33:22797
[   675.0 ms] bob            connected to 198.51.100.17:29506
[   675.0 ms] bob            198.51.100.17:29506 proves that it holds the secret
[   675.0 ms] bob            chooses the link to 198.51.100.17:29506
[   700.0 ms] alice          198.51.100.33:22797 proves that it holds the secret
[   700.0 ms] alice          the peer chooses the link to 198.51.100.33:22797
[   700.0 ms] alice          connected from 192.168.1.10:33602 to 198.51.100.33:22797, punched: TCP after 510.0 ms, authenticated and nominated after 560.0 ms
[   725.0 ms] bob            connected from 192.168.2.10:43277 to 198.51.100.17:29506, punched: TCP after 535.0 ms, authenticated and nominated after 585.0 ms
