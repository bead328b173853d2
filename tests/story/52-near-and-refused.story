# the two are near each other, the server is far: bob's window is refused before alice has dialled, and dialled again
seed 50
site a: symmetric-seq, stray=rst
site b: eim-drop
path a-b: delay 4
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:36780 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:42602 listens in room 4481...
[   100.0 ms] bob            our address: 192.168.2.10:55214 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:42602 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:42602
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 44819f11b2b05900c33a05ab870fb4dbe190ed1bc10d33fe23128fe8a6ee533a
[   100.0 ms] alice          our NAT takes the next port for each destination (sequential)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:10158 knocks in room 4481...
[   175.0 ms] server         198.51.100.33:10158 and 198.51.100.17:42602 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:10158 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:10158
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:10158; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:55214 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:10158 (as its server sees it)
[   200.0 ms] alice          predicts the ports of the sequential NAT, in rounds
[   200.0 ms] alice          dials 198.51.100.33:10158
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.17:42602; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.17:42602 (as its server sees it)
[   200.0 ms] bob            leaves out 192.168.1.10:36780 (its own address): it is private and not of a network of ours
[   200.0 ms] bob            the peer's NAT takes the next port for each destination (sequential)
[   200.0 ms] bob            predicts the ports of the sequential NAT, in rounds
[   200.0 ms] bob            dials 198.51.100.17:42602
[   204.0 ms] b's NAT        drops the SYN from 198.51.100.17:42604 to 198.51.100.33:10158: nobody here has called there
[   204.0 ms] a's NAT        refuses the SYN from 198.51.100.33:10158 to 198.51.100.17:42602: nobody here has called there
[   208.0 ms] bob            198.51.100.17:42602 does not let us in: refused
[   208.6 ms] bob            dials 198.51.100.17:42602 (2nd time)
[   212.6 ms] a's NAT        refuses the SYN from 198.51.100.33:10158 to 198.51.100.17:42602: nobody here has called there
[   216.6 ms] bob            198.51.100.17:42602 does not let us in: refused (2nd time)
[   222.2 ms] bob            dials 198.51.100.17:42602 (3rd time)
[   226.2 ms] a's NAT        refuses the SYN from 198.51.100.33:10158 to 198.51.100.17:42602: nobody here has called there
[   230.2 ms] bob            198.51.100.17:42602 does not let us in: refused (3rd time)
[   350.0 ms] alice          dials 198.51.100.33:10158 once more, from a port just taken
[   350.0 ms] bob            the peer tells where its NAT is now: 198.51.100.17:42606
[   350.0 ms] bob            dials 17 ports that the peer's NAT takes next, 198.51.100.17:42607 first
[   354.0 ms] a's NAT        refuses the SYN from 198.51.100.33:10158 to 198.51.100.17:42619: nobody here has called there
[   358.0 ms] alice          connected to 198.51.100.33:10158
[   358.0 ms] bob            connected to 198.51.100.17:42607
[   362.0 ms] bob            198.51.100.17:42607 proves that it holds the secret
[   362.0 ms] bob            chooses the link to 198.51.100.17:42607
[   362.0 ms] alice          198.51.100.33:10158 proves that it holds the secret
[   366.0 ms] alice          the peer chooses the link to 198.51.100.33:10158
[   366.0 ms] alice          connected from 192.168.1.10:56419 to 198.51.100.33:10158, punched: TCP after 158.0 ms, authenticated and nominated after 166.0 ms
[   366.0 ms] bob            connected from 192.168.2.10:55214 to 198.51.100.17:42607, punched: TCP after 158.0 ms, authenticated and nominated after 166.0 ms
