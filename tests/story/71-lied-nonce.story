# the server names to bob a nonce that alice never gave: they derive different keys, and neither is taken for a peer
seed 6
site a: public
site b: public
alice at a: listens, timeout 1500
bob at b: connects, after 200, timeout 2000
at 50: server lies
expect
[     0.0 ms] alice          our address: 198.51.100.18:51009 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] server         begins to lie
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:51009 listens in room cf1b...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:51009
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room cf1bee39f5147685569fd401e85c423d44cebaccb20aac3ecafdff9335bb2115
[   200.0 ms] bob            our address: 198.51.100.34:45207 (host)
[   200.0 ms] bob            calls the server 203.0.113.1:3478
[   250.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   250.0 ms] bob            knocks
[   275.0 ms] server         198.51.100.34:45207 knocks in room cf1b...
[   275.0 ms] server         198.51.100.34:45207 and 198.51.100.18:51009 start, after 0.0 and 0.0 ms
[   275.0 ms] server         lies: START goes to 198.51.100.34:45207 with a nonce that nobody gave out
[   300.0 ms] bob            no NAT changes our address
[   300.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:45207
[   300.0 ms] alice          the peer's description is here: attempt 1 starts
[   300.0 ms] alice          the server starts both: the peer is 198.51.100.34:45207; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] alice          the peer offers 198.51.100.34:45207 (its own address)
[   300.0 ms] alice          dials 198.51.100.34:45207
[   300.0 ms] bob            the peer's description is here: attempt 1 starts
[   300.0 ms] bob            the server starts both: the peer is 198.51.100.18:51009; begins at once, 100 ms to the peer and back through the server
[   300.0 ms] bob            the peer offers 198.51.100.18:51009 (its own address)
[   300.0 ms] bob            no NAT changes the peer's address
[   300.0 ms] bob            dials 198.51.100.18:51009
[   350.0 ms] alice          connected to 198.51.100.34:45207
[   350.0 ms] bob            connected to 198.51.100.18:51009
[   375.0 ms] bob            198.51.100.18:51009 is a stranger, shows it the door
[   375.0 ms] alice          198.51.100.34:45207 is a stranger, shows it the door
[   669.2 ms] bob            dials 198.51.100.18:51009 (2nd time)
[   692.7 ms] alice          dials 198.51.100.34:45207 (2nd time)
[   719.2 ms] bob            connected to 198.51.100.18:51009
[   742.7 ms] alice          connected to 198.51.100.34:45207
[   744.2 ms] alice          198.51.100.34:45207 is a stranger, shows it the door
[   767.7 ms] bob            198.51.100.18:51009 is a stranger, shows it the door
[   800.0 ms] b-a            the TTL of the SYN from 198.51.100.34:36898 to 198.51.100.18:51009 runs out
[   800.0 ms] bob            opens our NAT for 198.51.100.18:51009 by a SYN that ends on the way (TTL 3)
[  1048.4 ms] alice          dials 198.51.100.34:45207 (3rd time)
[  1050.1 ms] bob            dials 198.51.100.18:51009 (3rd time)
[  1098.4 ms] alice          connected to 198.51.100.34:45207
[  1100.1 ms] bob            connected to 198.51.100.18:51009
[  1123.4 ms] bob            198.51.100.18:51009 is a stranger, shows it the door
[  1125.1 ms] alice          198.51.100.34:45207 is a stranger, shows it the door
[  1476.9 ms] bob            connected to 198.51.100.18:51009
[  1500.2 ms] alice          connected to 198.51.100.34:45207
[  1501.9 ms] alice          198.51.100.34:45207 is a stranger, shows it the door
[  1525.2 ms] bob            198.51.100.18:51009 is a stranger, shows it the door
[  1550.0 ms] a-b            the TTL of the SYN from 198.51.100.18:45028 to 198.51.100.34:45207 runs out
[  1550.0 ms] alice          opens our NAT for 198.51.100.34:45207 by a SYN that ends on the way (TTL 3)
[  1800.0 ms] alice            stage: connected, but nobody proved to hold the secret; it lasted 1.5 s; 4 links proved nothing
[  1800.0 ms] alice            no NAT changes our address; the peer's NAT is not known
[  1800.0 ms] alice            in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 1 dial in 1 round
[  1800.0 ms] alice            198.51.100.34:45207 (its own address): dialled 4 times, connected
[  1800.0 ms] alice          somebody answered who does not hold the secret
[  1800.0 ms] alice          Compare the tickets on both machines; if they agree, somebody is on the path. See IMPOSTOR in docs/troubleshooting.md.
[  1850.0 ms] bob            connected to 198.51.100.18:51009
[  1853.8 ms] bob            connected to 198.51.100.18:51009
[  2200.0 ms] bob              stage: connected, but nobody proved to hold the secret; it lasted 1.9 s; 4 links proved nothing
[  2200.0 ms] bob              no NAT changes our address; no NAT changes the peer's address
[  2200.0 ms] bob              in turns, one side opens its NAT by a SYN that ends on the way, the other dials: 1 dial in 1 round
[  2200.0 ms] bob              198.51.100.18:51009 (its own address): dialled 5 times, connected
[  2200.0 ms] bob            somebody answered who does not hold the secret
[  2200.0 ms] bob            Compare the tickets on both machines; if they agree, somebody is on the path. See IMPOSTOR in docs/troubleshooting.md.
