# The relay's time has come while a direct link is being proved: that one gets the time it needs
seed 59
site a: public
site b: public
path a-b: delay 190
alice at a: listens, relay auto
bob at b: connects, relay auto, after 300
at 300: lose b>a 111
at 300: lose a>b 1111
expect
[     0.0 ms] alice          our address: 198.51.100.18:53980 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.18:53980 listens in room b821...
[   100.0 ms] alice          no NAT changes our address
[   100.0 ms] alice          the server sees us as 198.51.100.18:53980
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room b821fcb4357b9139e1a9501429818ec7ee60744912490ee9d65f53f5c27045be
[   300.0 ms] bob            our address: 198.51.100.34:42549 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.34:42549 knocks in room b821...
[   375.0 ms] server         198.51.100.34:42549 and 198.51.100.18:53980 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            no NAT changes our address
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:42549
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.34:42549; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          the peer offers 198.51.100.34:42549 (its own address)
[   400.0 ms] alice          dials 198.51.100.34:42549
[   400.0 ms] a-b            loses the SYN from 198.51.100.18:53980 to 198.51.100.34:42549
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.18:53980; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.18:53980 (its own address)
[   400.0 ms] bob            no NAT changes the peer's address
[   400.0 ms] bob            dials 198.51.100.18:53980
[   400.0 ms] b-a            loses the SYN from 198.51.100.34:42549 to 198.51.100.18:53980
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   475.0 ms] server         relays between 198.51.100.34:49805 and 198.51.100.18:59383
[   500.0 ms] bob            our address: 203.0.113.1:3478 (relay)
[   500.0 ms] bob            a relay is there, at 203.0.113.1:3478
[   500.0 ms] alice          our address: 203.0.113.1:3478 (relay)
[   500.0 ms] alice          a relay is there, at 203.0.113.1:3478
[   550.0 ms] alice          the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   550.0 ms] bob            the peer by the relay at 203.0.113.1:3478 proves that it holds the secret
[   900.0 ms] b-a            loses the SYN from 198.51.100.34:60533 to 198.51.100.18:53980
[   900.0 ms] bob            opens our NAT for 198.51.100.18:53980 by a SYN that ends on the way (TTL 3)
[   950.0 ms] alice          no NAT changes the peer's address
[   950.0 ms] alice          the peer tells where its NAT is now: 198.51.100.34:60533
[   950.0 ms] a-b            loses the SYN from 198.51.100.18:53980 to 198.51.100.34:60533
[   950.0 ms] alice          dials 198.51.100.34:60533, where the peer's NAT is open for us
[  1400.0 ms] a-b            loses the SYN from 198.51.100.18:53980 to 198.51.100.34:42549
[  1400.0 ms] b-a            loses the SYN from 198.51.100.34:42549 to 198.51.100.18:53980
[  1650.0 ms] a-b            loses the SYN from 198.51.100.18:44349 to 198.51.100.34:42549
[  1650.0 ms] alice          opens our NAT for 198.51.100.34:42549 by a SYN that ends on the way (TTL 3)
[  1700.0 ms] bob            the peer tells where its NAT is now: 198.51.100.18:44349
[  1700.0 ms] bob            dials 198.51.100.18:44349, where the peer's NAT is open for us
[  2080.0 ms] bob            connected to 198.51.100.18:44349
[  2270.0 ms] alice          connected to 198.51.100.34:42549
[  2270.0 ms] alice          198.51.100.34:42549 proves that it holds the secret
[  2280.0 ms] bob            connected to 198.51.100.18:53980
[  2400.0 ms] bob            opens our NAT for 198.51.100.18:53980 by a SYN that ends on the way (TTL 5)
[  2450.0 ms] alice          the peer tells where its NAT is now: 198.51.100.34:37241
[  2460.0 ms] bob            198.51.100.18:44349 proves that it holds the secret
[  2460.0 ms] bob            chooses the link to 198.51.100.18:44349
[  2460.0 ms] bob            connected from 198.51.100.34:42549 to 198.51.100.18:44349, direct: TCP after 1680.0 ms, authenticated and nominated after 2060.0 ms
[  2470.0 ms] alice          198.51.100.34:60533 comes in where a dial was given up: a dead end in our NAT, closes it
[  2485.0 ms] server         the relay of 198.51.100.34:49805 and 198.51.100.18:59383 is over (unused): 56 and 56 bytes
[  2510.0 ms] alice          the link to the peer by the relay at 203.0.113.1:3478 ends: reset
[  2510.0 ms] alice          the relay at 203.0.113.1:3478 is not to be had: reset
[  2590.0 ms] a-a            the TTL of the SYN from 198.51.100.34:37241 to 198.51.100.18:53980 runs out
[  2650.0 ms] alice          the peer chooses the link to 198.51.100.34:42549
[  2650.0 ms] alice          connected from 198.51.100.18:44349 to 198.51.100.34:42549, direct: TCP after 1870.0 ms, authenticated and nominated after 2250.0 ms
