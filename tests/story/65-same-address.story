# Another router, the same addresses: nothing looks different, but the server does not answer any more
seed 74
site a: preserving-drop
site b: eim-drop, lan=1
site c: public
alice at a: listens
bob at c: connects, after 6000
at 1000: alice moves to b
expect
[     0.0 ms] alice          our address: 192.168.1.10:57991 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:57991 listens in room d5a8...
[   100.0 ms] alice          our address: 198.51.100.17:57991 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:57991
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room d5a81abfdf29be26e87d3dbc58186f70fe633261cba8069bd518d50549fd38ac
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  1000.0 ms] alice          moves to b
[  1250.0 ms] alice          the network was interrupted
[  1250.0 ms] alice          asks the server 203.0.113.1:3478 whether it still hears us
[  1300.0 ms] alice          the server 203.0.113.1:3478 is lost (reset), calls it again in 1.0 s
[  2306.7 ms] alice          calls the server 203.0.113.1:3478
[  2356.7 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[  2381.7 ms] server         198.51.100.33:4743 listens in room d5a8...
[  2406.7 ms] alice          our address: 198.51.100.33:4743 (srflx)
[  2406.7 ms] alice          our NAT takes any port for each destination (random)
[  2406.7 ms] alice          the server sees us as 198.51.100.33:4743
[  2406.7 ms] alice          registered with the server at 203.0.113.1:3478, in room d5a81abfdf29be26e87d3dbc58186f70fe633261cba8069bd518d50549fd38ac
[  2406.7 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[  6000.0 ms] bob            our address: 198.51.100.50:41312 (host)
[  6000.0 ms] bob            calls the server 203.0.113.1:3478
[  6050.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[  6050.0 ms] bob            knocks
[  6075.0 ms] server         198.51.100.50:41312 knocks in room d5a8...
[  6075.0 ms] server         198.51.100.50:41312 and 198.51.100.33:4743 start, after 0.0 and 0.0 ms
[  6100.0 ms] bob            no NAT changes our address
[  6100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.50:41312
[  6100.0 ms] alice          the peer's description is here: attempt 1 starts
[  6100.0 ms] alice          the server starts both: the peer is 198.51.100.50:41312; begins at once, 100 ms to the peer and back through the server
[  6100.0 ms] alice          the peer offers 198.51.100.50:41312 (its own address)
[  6100.0 ms] alice          dials 198.51.100.50:41312
[  6100.0 ms] bob            the peer's description is here: attempt 1 starts
[  6100.0 ms] bob            the server starts both: the peer is 198.51.100.33:4743; begins at once, 100 ms to the peer and back through the server
[  6100.0 ms] bob            the peer offers 198.51.100.33:4743 (as its server sees it)
[  6100.0 ms] bob            leaves out 192.168.1.10:57991 (its own address): it is private and not of a network of ours
[  6100.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[  6100.0 ms] bob            dials 198.51.100.33:4743
[  6150.0 ms] alice          connected to 198.51.100.50:41312
[  6150.0 ms] bob            connected to 198.51.100.33:4743
[  6175.0 ms] bob            198.51.100.33:4743 proves that it holds the secret
[  6175.0 ms] bob            chooses the link to 198.51.100.33:4743
[  6175.0 ms] alice          198.51.100.50:41312 proves that it holds the secret
[  6200.0 ms] alice          the peer chooses the link to 198.51.100.50:41312
[  6200.0 ms] alice          connected from 192.168.1.10:57991 to 198.51.100.50:41312, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[  6200.0 ms] bob            connected from 198.51.100.50:41312 to 198.51.100.33:4743, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
