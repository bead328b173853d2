# two homes whose NATs drop strangers: the SYNs cross, one round trip
seed 1
site a: eim-drop
site b: eim-drop
path a-b: delay 25
path a-server: delay 10
path b-server: delay 15
alice at a: listens
bob at b: connects, after 100
expect
[     0.0 ms] alice          our address: 192.168.1.10:60881 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    20.0 ms] alice          the server 203.0.113.1:3478 answers, 20 ms there and back
[    30.0 ms] server         198.51.100.17:7633 listens in room c83d...
[    40.0 ms] alice          our address: 198.51.100.17:7633 (srflx)
[    40.0 ms] alice          the server sees us as 198.51.100.17:7633
[    40.0 ms] alice          registered with the server at 203.0.113.1:3478, in room c83dacb781920d9bd73211db472092fbdcdb361baa46c605843a53faf9f041f4
[    40.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[   100.0 ms] bob            our address: 192.168.2.10:38930 (host)
[   100.0 ms] bob            calls the server 203.0.113.1:3478
[   130.0 ms] bob            the server 203.0.113.1:3478 answers, 30 ms there and back
[   130.0 ms] bob            knocks
[   145.0 ms] server         198.51.100.33:26642 knocks in room c83d...
[   145.0 ms] server         198.51.100.33:26642 and 198.51.100.17:7633 start, after 0.0 and 5.0 ms
[   155.0 ms] alice          the peer's description is here: attempt 1 starts
[   155.0 ms] alice          the server starts both: the peer is 198.51.100.33:26642; begins in 5.0 ms, 50 ms to the peer and back through the server
[   155.0 ms] alice          leaves out 192.168.2.10:38930 (its own address): it is private and not of a network of ours
[   155.0 ms] alice          the peer offers 198.51.100.33:26642 (as its server sees it)
[   160.0 ms] alice          dials 198.51.100.33:26642
[   160.0 ms] bob            our address: 198.51.100.33:26642 (srflx)
[   160.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:26642
[   160.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent)
[   160.0 ms] bob            the peer's description is here: attempt 1 starts
[   160.0 ms] bob            the server starts both: the peer is 198.51.100.17:7633; begins at once, 50 ms to the peer and back through the server
[   160.0 ms] bob            the peer offers 198.51.100.17:7633 (as its server sees it)
[   160.0 ms] bob            leaves out 192.168.1.10:60881 (its own address): it is private and not of a network of ours
[   160.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[   160.0 ms] bob            dials 198.51.100.17:7633
[   210.0 ms] alice          connected to 198.51.100.33:26642
[   210.0 ms] bob            connected to 198.51.100.17:7633
[   235.0 ms] bob            198.51.100.17:7633 proves that it holds the secret
[   235.0 ms] bob            chooses the link to 198.51.100.17:7633
[   235.0 ms] alice          198.51.100.33:26642 proves that it holds the secret
[   260.0 ms] alice          the peer chooses the link to 198.51.100.33:26642
[   260.0 ms] alice          connected from 192.168.1.10:60881 to 198.51.100.33:26642, punched: TCP after 55.0 ms, authenticated and nominated after 105.0 ms
[   260.0 ms] bob            connected from 192.168.2.10:38930 to 198.51.100.17:7633, punched: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
