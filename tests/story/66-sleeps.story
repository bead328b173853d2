# alice's machine sleeps for an hour: her signatures have the right time at once when it wakes up
seed 75
until 4000000
site a: preserving-drop
site b: public
alice at a: listens
bob at b: connects, after 3603000
at 1000: alice sleeps for 3600000
expect
[     0.0 ms] alice          our address: 192.168.1.10:55494 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:55494 listens in room 8525...
[   100.0 ms] alice          our address: 198.51.100.17:55494 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:55494
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room 8525959e8d0a06d93126ad405afa2e7f0cf2ac4451ee518d0662fe92baa9fbfd
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[  1000.0 ms] alice          falls asleep
[ 90125.0 ms] server         198.51.100.17:55494 has been silent or waiting for too long
[3601000.0 ms] alice          wakes up
[3601250.0 ms] alice          this machine has slept for 3600 s
[3601250.0 ms] alice          asks the server 203.0.113.1:3478 whether it still hears us
[3601300.0 ms] alice          the server 203.0.113.1:3478 is lost (reset), calls it again in 1.0 s
[3602349.4 ms] alice          calls the server 203.0.113.1:3478
[3602399.4 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[3602424.4 ms] server         198.51.100.17:55494 listens in room 8525...
[3602449.4 ms] alice          the server sees us as 198.51.100.17:55494
[3602449.4 ms] alice          registered with the server at 203.0.113.1:3478, in room 8525959e8d0a06d93126ad405afa2e7f0cf2ac4451ee518d0662fe92baa9fbfd
[3603000.0 ms] bob            our address: 198.51.100.34:40407 (host)
[3603000.0 ms] bob            calls the server 203.0.113.1:3478
[3603050.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[3603050.0 ms] bob            knocks
[3603075.0 ms] server         198.51.100.34:40407 knocks in room 8525...
[3603075.0 ms] server         198.51.100.34:40407 and 198.51.100.17:55494 start, after 0.0 and 0.0 ms
[3603100.0 ms] bob            no NAT changes our address
[3603100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.34:40407
[3603100.0 ms] alice          the peer's description is here: attempt 1 starts
[3603100.0 ms] alice          the server starts both: the peer is 198.51.100.34:40407; begins at once, 100 ms to the peer and back through the server
[3603100.0 ms] alice          the peer offers 198.51.100.34:40407 (its own address)
[3603100.0 ms] alice          dials 198.51.100.34:40407
[3603100.0 ms] bob            the peer's description is here: attempt 1 starts
[3603100.0 ms] bob            the server starts both: the peer is 198.51.100.17:55494; begins at once, 100 ms to the peer and back through the server
[3603100.0 ms] bob            the peer offers 198.51.100.17:55494 (as its server sees it)
[3603100.0 ms] bob            leaves out 192.168.1.10:55494 (its own address): it is private and not of a network of ours
[3603100.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent), preserves ports
[3603100.0 ms] bob            dials 198.51.100.17:55494
[3603150.0 ms] alice          connected to 198.51.100.34:40407
[3603150.0 ms] bob            connected to 198.51.100.17:55494
[3603175.0 ms] bob            198.51.100.17:55494 proves that it holds the secret
[3603175.0 ms] bob            chooses the link to 198.51.100.17:55494
[3603175.0 ms] alice          198.51.100.34:40407 proves that it holds the secret
[3603200.0 ms] alice          the peer chooses the link to 198.51.100.34:40407
[3603200.0 ms] alice          connected from 192.168.1.10:55494 to 198.51.100.34:40407, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
[3603200.0 ms] bob            connected from 198.51.100.34:40407 to 198.51.100.17:55494, direct: TCP after 50.0 ms, authenticated and nominated after 100.0 ms
