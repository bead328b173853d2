# the server lies: it changes the description that bob gets, who sees that, and ends
# it leads alice to somebody else's address, who does not answer
seed 23
site a: public
site b: public
alice at a: listens, timeout 1500
bob at b: connects, after 200, timeout 2000
at 50: server lies
expect
[     0.0 ms] alice          our address: 198.51.100.18:42418 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] server         begins to lie
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:42418 listens in room d335...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:42418
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room d33506302afc195a95044b4e9ea2816816787a0fffb30776db4c5f5e4b34c9f7
[   200.0 ms] bob            our address: 198.51.100.34:55937 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.34:55937 knocks in room d335...
[   275.0 ms] server         198.51.100.34:55937 and 198.51.100.18:42418 start, after 0.0 and 0.0 ms
[   275.0 ms] server         lies: START goes to 198.51.100.34:55937 with one bit of the sealed description turned
[   275.0 ms] server         lies: START goes to 198.51.100.18:42418 with another address of the peer
[   300.0 ms] bob            no NAT changes our address
[   300.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:55937
[   300.0 ms] alice          the peer's description is here: attempt 1 starts
[   300.0 ms] alice          the server starts both: the peer is 198.51.100.52:34096; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] alice          the peer offers 198.51.100.34:55937 (its own address)
[   300.0 ms] alice          the peer offers 198.51.100.52:34096 (as its server sees it)
[   300.0 ms] alice          dials 198.51.100.34:55937
[   300.0 ms] alice          dials 198.51.100.52:34096
[   300.0 ms] bob              stage: before the peer was met
[   300.0 ms] bob            somebody answered who does not hold the secret
[   300.0 ms] bob            The listener's description is not sealed with this ticket's secret: compare the tickets; if they agree, do not trust that server. See wrong-description in docs/troubleshooting.md.
[   350.0 ms] alice          198.51.100.34:55937 does not let us in: refused
[   350.6 ms] alice          dials 198.51.100.34:55937 (2nd time)
[   400.6 ms] alice          198.51.100.34:55937 does not let us in: refused (2nd time)
[   404.2 ms] alice          dials 198.51.100.34:55937 (3rd time)
[   454.2 ms] alice          198.51.100.34:55937 does not let us in: refused (3rd time)
[  1110.4 ms] alice          dials 198.51.100.34:55937 (16th time)
[  1160.4 ms] alice          198.51.100.34:55937 does not let us in: refused (16th time)
[  1550.0 ms] alice          opens our NAT for 198.51.100.52:34096 by a SYN that ends on the way (TTL 3)
[  1800.0 ms] alice            stage: 29 dials, none was connected; it lasted 1.5 s
[  1800.0 ms] alice            no NAT changes our address; the peer's NAT is not known
[  1800.0 ms] alice            in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 1 dial in 1 round
[  1800.0 ms] alice            198.51.100.34:55937 (its own address): dialled 28 times, refused 27, never connected; last: refused
[  1800.0 ms] alice            198.51.100.52:34096 (as its server sees it): dialled 1 time, never connected
[  1800.0 ms] alice          the peer is there, but no path to it worked
[  1800.0 ms] alice          Forward a port on one side or use IPv6; the report says what was tried. See NO_PATH in docs/troubleshooting.md.
