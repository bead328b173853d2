# the server dies when bob has knocked and before it answers: he calls again, and it is back in time
seed 42
site a: eim-drop
site b: eim-drop
alice at a: listens
bob at b: connects, after 100
at 160: server stops
at 2500: server starts
expect
[     0.0 ms] alice          our address: 192.168.1.10:44877 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:24397 listens in room a184...
[   100.0 ms] bob            our address: 192.168.2.10:53733 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   100.0 ms] alice          our address: 198.51.100.17:24397 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:24397
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room a184ad71c7c8ed4684eaee3add8f0c231ba0840be442ada399b9c121122ef2de
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   150.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[   150.0 ms] bob            knocks
[   160.0 ms] server         dies
[   185.0 ms] alice          the server 203.0.113.1:3478 is lost (closed by the other side), calls it again in 1.0 s
[   200.0 ms] bob            the server 203.0.113.1:3478 is lost (reset), calls it again in 1.0 s
[  1191.6 ms] alice          calls the server 203.0.113.1:3478
[  1208.0 ms] bob            calls the server 203.0.113.1:3478
[  1241.6 ms] alice          the server 203.0.113.1:3478 is lost (refused), calls it again in 1.9 s
[  1258.0 ms] bob            the server 203.0.113.1:3478 is lost (refused), calls it again in 1.8 s
[  2500.0 ms] server         runs again
[  3077.8 ms] bob            calls the server 203.0.113.1:3478
[  3127.8 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  3127.8 ms] bob            knocks
[  3152.8 ms] server         198.51.100.33:8677 knocks in room a184... and waits
[  3168.9 ms] alice          calls the server 203.0.113.1:3478
[  3177.8 ms] bob            our address: 198.51.100.33:8677 (srflx)
[  3177.8 ms] bob            the server heard the knock; it sees us as 198.51.100.33:8677
[  3177.8 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[  3218.9 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  3243.9 ms] server         198.51.100.17:24397 listens in room a184...
[  3243.9 ms] server         198.51.100.33:8677 and 198.51.100.17:24397 start, after 0.0 and 0.0 ms
[  3268.9 ms] alice          the server sees us as 198.51.100.17:24397
[  3268.9 ms] alice          registered with the server at 203.0.113.1:3478, in room a184ad71c7c8ed4684eaee3add8f0c231ba0840be442ada399b9c121122ef2de
[  3268.9 ms] bob            the peer's description is here: attempt 1 starts
[  3268.9 ms] bob            the server starts both: the peer is 198.51.100.17:24397; begins at once, 100 ms to the peer and back through the server
[  3268.9 ms] bob            the peer offers 198.51.100.17:24397 (as its server sees it)
[  3268.9 ms] bob            leaves out 192.168.1.10:44877 (its own address): it is private and not of a network of ours
[  3268.9 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  3268.9 ms] bob            dials 198.51.100.17:24397
[  3268.9 ms] alice          the peer's description is here: attempt 1 starts
[  3268.9 ms] alice          the server starts both: the peer is 198.51.100.33:8677; begins at once, 100 ms to the peer and back through the server
[  3268.9 ms] alice          leaves out 192.168.2.10:53733 (its own address): it is private and not of a network of ours
[  3268.9 ms] alice          the peer offers 198.51.100.33:8677 (as its server sees it)
[  3268.9 ms] alice          dials 198.51.100.33:8677
[  3318.9 ms] bob            connected to 198.51.100.17:24397
[  3318.9 ms] alice          connected to 198.51.100.33:8677
[  3343.9 ms] alice          198.51.100.33:8677 proves that it holds the secret
[  3343.9 ms] bob            198.51.100.17:24397 proves that it holds the secret
[  3343.9 ms] bob            chooses the link to 198.51.100.17:24397
[  3368.9 ms] bob            connected from 192.168.2.10:53733 to 198.51.100.17:24397, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  3368.9 ms] alice          the peer chooses the link to 198.51.100.33:8677
[  3368.9 ms] alice          connected from 192.168.1.10:44877 to 198.51.100.33:8677, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
