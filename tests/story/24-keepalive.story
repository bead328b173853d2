# a's router forgets what is idle for 30 s: a word to the server every 25 s keeps alice's mapping for a minute and a half
seed 24
until 100000
site a: user-eim-drop, idle=30000
site b: eim-drop
alice at a: listens
bob at b: connects, after 90000
expect
[     0.0 ms] alice          our address: 192.168.1.10:60285 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:50292 listens in room 3b2f...
[   100.0 ms] alice          our address: 198.51.100.17:50292 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:50292
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 3b2f1cf561b7d0eae783f608f5e243f0b25c79fe6eb8c0636536ea49a9fddc9e
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[ 90000.0 ms] bob            our address: 192.168.2.10:56392 (host)
[ 90000.0 ms] bob            calls the server 203.0.113.1:3478
[ 90050.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[ 90050.0 ms] bob            knocks
[ 90075.0 ms] server         198.51.100.33:11336 knocks in room 3b2f...
[ 90075.0 ms] server         198.51.100.33:11336 and 198.51.100.17:50292 start, after 0.0 and 0.0 ms
[ 90100.0 ms] bob            our address: 198.51.100.33:11336 (srflx)
[ 90100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:11336
[ 90100.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[ 90100.0 ms] alice          the peer's description is here: attempt 1 starts
[ 90100.0 ms] alice          the server starts both: the peer is 198.51.100.33:11336; begins at once, 100 ms to the peer and back through the server
[ 90100.0 ms] alice          leaves out 192.168.2.10:56392 (its own address): it is private and not of a network of ours
[ 90100.0 ms] alice          the peer offers 198.51.100.33:11336 (as its server sees it)
[ 90100.0 ms] alice          dials 198.51.100.33:11336
[ 90100.0 ms] bob            the peer's description is here: attempt 1 starts
[ 90100.0 ms] bob            the server starts both: the peer is 198.51.100.17:50292; begins at once, 100 ms to the peer and back through the server
[ 90100.0 ms] bob            the peer offers 198.51.100.17:50292 (as its server sees it)
[ 90100.0 ms] bob            leaves out 192.168.1.10:60285 (its own address): it is private and not of a network of ours
[ 90100.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[ 90100.0 ms] bob            dials 198.51.100.17:50292
[ 90150.0 ms] alice          connected to 198.51.100.33:11336
[ 90150.0 ms] bob            connected to 198.51.100.17:50292
[ 90175.0 ms] bob            198.51.100.17:50292 proves that it holds the secret
[ 90175.0 ms] bob            chooses the link to 198.51.100.17:50292
[ 90175.0 ms] alice          198.51.100.33:11336 proves that it holds the secret
[ 90200.0 ms] alice          the peer chooses the link to 198.51.100.33:11336
[ 90200.0 ms] alice          connected from 192.168.1.10:60285 to 198.51.100.33:11336, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[ 90200.0 ms] bob            connected from 192.168.2.10:56392 to 198.51.100.17:50292, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
