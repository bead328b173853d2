# A direct way is there at once: the relay that was asked for beside it is closed unused
seed 56
site a: eim-drop
site b: preserving-rst
alice at a: listens, relay auto
bob at b: connects, relay auto, after 300
expect
[     0.0 ms] alice          our address: 192.168.1.10:50371 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:13507 listens in room 11a2...
[   100.0 ms] alice          our address: 198.51.100.17:13507 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:13507
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 11a2e960da0a3f9507c3a3e021ce830e1a7457f3b40d410dc6a52b7033bd7d2c
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   300.0 ms] bob            our address: 192.168.2.10:58595 (host)
[   300.0 ms] bob            calls the server 203.0.113.1:3478
[   350.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   350.0 ms] bob            knocks
[   375.0 ms] server         198.51.100.33:58595 knocks in room 11a2...
[   375.0 ms] server         198.51.100.33:58595 and 198.51.100.17:13507 start, after 0.0 and 0.0 ms
[   400.0 ms] bob            our address: 198.51.100.33:58595 (srflx)
[   400.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:58595
[   400.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[   400.0 ms] alice          the peer's description is here: attempt 1 starts
[   400.0 ms] alice          the server starts both: the peer is 198.51.100.33:58595; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] alice          leaves out 192.168.2.10:58595 (its own address): it is private and not of a network of ours
[   400.0 ms] alice          the peer offers 198.51.100.33:58595 (as its server sees it)
[   400.0 ms] alice          dials 198.51.100.33:58595
[   400.0 ms] alice          asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   400.0 ms] bob            the peer's description is here: attempt 1 starts
[   400.0 ms] bob            the server starts both: the peer is 198.51.100.17:13507; begins at once, 100 ms to the peer and back through the server
[   400.0 ms] bob            the peer offers 198.51.100.17:13507 (as its server sees it)
[   400.0 ms] bob            leaves out 192.168.1.10:50371 (its own address): it is private and not of a network of ours
[   400.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   400.0 ms] bob            dials 198.51.100.17:13507
[   400.0 ms] bob            asks 203.0.113.1:3478 for a relay, in case nothing direct works
[   450.0 ms] alice          connected to 198.51.100.33:58595
[   450.0 ms] bob            connected to 198.51.100.17:13507
[   475.0 ms] server         relays between 198.51.100.33:41793 and 198.51.100.17:16265
[   475.0 ms] bob            198.51.100.17:13507 proves that it holds the secret
[   475.0 ms] bob            chooses the link to 198.51.100.17:13507
[   475.0 ms] alice          198.51.100.33:58595 proves that it holds the secret
[   500.0 ms] bob            connected from 192.168.2.10:58595 to 198.51.100.17:13507, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[   500.0 ms] alice          the peer chooses the link to 198.51.100.33:58595
[   500.0 ms] alice          connected from 192.168.1.10:50371 to 198.51.100.33:58595, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
