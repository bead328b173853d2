# a carrier lets b have two connections at once: one to the server, one to alice is all that bob needs
# carol, behind the same router, comes too late
seed 39
site a: public
site b: user, quota=2
alice at a: listens
bob at b: connects, after 100
carol at b: connects, after 230, timeout 800
expect
[     0.0 ms] alice          our address: 198.51.100.18:34404 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:34404 listens in room f8c4...
[   100.0 ms] bob            our address: 192.168.2.10:35143 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:34404
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room f8c43bd8ed97e8b3d78debfdf88c7eea4407a68f2e44a0050880c4543b6304a1
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   175.0 ms] server         198.51.100.33:25150 knocks in room f8c4...
[   175.0 ms] server         198.51.100.33:25150 and 198.51.100.18:34404 start, after 0.0 and 0.0 ms
[   200.0 ms] bob            our address: 198.51.100.33:25150 (srflx)
[   200.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:25150
[   200.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   200.0 ms] alice          the peer's description is here: attempt 1 starts
[   200.0 ms] alice          the server starts both: the peer is 198.51.100.33:25150; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] alice          leaves out 192.168.2.10:35143 (its own address): it is private and not of a network of ours
[   200.0 ms] alice          the peer offers 198.51.100.33:25150 (as its server sees it)
[   200.0 ms] alice          dials 198.51.100.33:25150
[   200.0 ms] bob            the peer's description is here: attempt 1 starts
[   200.0 ms] bob            the server starts both: the peer is 198.51.100.18:34404; begins at once, 100 ms to the peer and back through the server
[   200.0 ms] bob            the peer offers 198.51.100.18:34404 (its own address)
[   200.0 ms] bob            no NAT changes the peer's address
[   200.0 ms] bob            dials 198.51.100.18:34404
[   230.0 ms] carol          our address: 192.168.2.11:46799 (host)
[   230.0 ms] carol          calls the server 203.0.113.1:3478
[   230.0 ms] b's NAT        drops the SYN from 192.168.2.11:46799 to 203.0.113.1:3478: no port is left
[   230.0 ms] b's NAT        drops the SYN from 192.168.2.11:46799 to 203.0.113.1:3479: no port is left
[   250.0 ms] alice          connected to 198.51.100.33:25150
[   250.0 ms] bob            connected to 198.51.100.18:34404
[   275.0 ms] bob            198.51.100.18:34404 proves that it holds the secret
[   275.0 ms] bob            chooses the link to 198.51.100.18:34404
[   275.0 ms] alice          198.51.100.33:25150 proves that it holds the secret
[   300.0 ms] alice          the peer chooses the link to 198.51.100.33:25150
[   300.0 ms] alice          connected from 198.51.100.18:34404 to 198.51.100.33:25150, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   300.0 ms] bob            connected from 192.168.2.10:35143 to 198.51.100.18:34404, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  1030.0 ms] carol            stage: calling the server
[  1030.0 ms] carol          no rendezvous server of the ticket could be reached
[  1030.0 ms] carol          Open the server's TCP port in its firewall; if others reach it, something near you lets nothing out to that port. See server-silent in docs/troubleshooting.md.
