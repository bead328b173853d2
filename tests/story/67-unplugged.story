# The cable was out for a moment: one question to the server shows that all is as before
seed 76
site a: preserving-drop
site b: public
alice at a: listens
bob at b: connects, after 2500
at 1000: alice is unplugged for 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:53766 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:53766 listens in room 1ce6...
[   100.0 ms] alice          our address: 198.51.100.17:53766 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:53766
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 1ce613a2cd7d20cb6180a18f9bdbd587c34079c060da030e95fca46c165953c7
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  1000.0 ms] alice          has no network any more
[  1100.0 ms] alice          has its network again
[  1350.0 ms] alice          the network was interrupted
[  1350.0 ms] alice          asks the server 203.0.113.1:3478 whether it still hears us
[  2500.0 ms] bob            our address: 198.51.100.34:50534 (host)
[  2500.0 ms] bob            calls the server 203.0.113.1:3478
[  2550.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  2550.0 ms] bob            knocks
[  2575.0 ms] server         198.51.100.34:50534 knocks in room 1ce6...
[  2575.0 ms] server         198.51.100.34:50534 and 198.51.100.17:53766 start, after 0.0 and 0.0 ms
[  2600.0 ms] bob            no NAT changes our address
[  2600.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:50534
[  2600.0 ms] alice          the peer's description is here: attempt 1 starts
[  2600.0 ms] alice          the server starts both: the peer is 198.51.100.34:50534; begins at once, 100 ms to the peer and back through the server
[  2600.0 ms] alice          the peer offers 198.51.100.34:50534 (its own address)
[  2600.0 ms] alice          dials 198.51.100.34:50534
[  2600.0 ms] bob            the peer's description is here: attempt 1 starts
[  2600.0 ms] bob            the server starts both: the peer is 198.51.100.17:53766; begins at once, 100 ms to the peer and back through the server
[  2600.0 ms] bob            the peer offers 198.51.100.17:53766 (as its server sees it)
[  2600.0 ms] bob            leaves out 192.168.1.10:53766 (its own address): it is private and not of a network of ours
[  2600.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  2600.0 ms] bob            dials 198.51.100.17:53766
[  2650.0 ms] alice          connected to 198.51.100.34:50534
[  2650.0 ms] bob            connected to 198.51.100.17:53766
[  2675.0 ms] bob            198.51.100.17:53766 proves that it holds the secret
[  2675.0 ms] bob            chooses the link to 198.51.100.17:53766
[  2675.0 ms] alice          198.51.100.34:50534 proves that it holds the secret
[  2700.0 ms] alice          the peer chooses the link to 198.51.100.34:50534
[  2700.0 ms] alice          connected from 192.168.1.10:53766 to 198.51.100.34:50534, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  2700.0 ms] bob            connected from 198.51.100.34:50534 to 198.51.100.17:53766, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
