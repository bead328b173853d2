# half a minute in which nothing passes between alice and the server: her keepalive finds it out, and she registers anew
seed 31
site a: eim-drop
site b: preserving-drop
path a-b: delay 10
alice at a: listens
bob at b: connects, after 45000
at 5000: path a-server: black
at 35000: path a-server: as before
expect
[     0.0 ms] alice          our address: 192.168.1.10:37308 (host)
[     0.0 ms] alice          calls the server 203.0.113.1:3478
[    50.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[    75.0 ms] server         198.51.100.17:25020 listens in room b547...
[   100.0 ms] alice          our address: 198.51.100.17:25020 (srflx)
[   100.0 ms] alice          the server sees us as 198.51.100.17:25020
[   100.0 ms] alice          registered with the server at 203.0.113.1:3478, in room b54784e849de2724b639d1e98f81487f8ea8c4b46bbd4b007f006ef20a9161d5
[   100.0 ms] alice          our NAT keeps one port towards everybody (endpoint-independent)
[  5000.0 ms] a-server       is black now
[ 26729.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 26979.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 27229.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 27729.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 28729.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 30729.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 34729.1 ms] a-server       loses the data from 198.51.100.17:25020 to 203.0.113.1:3478
[ 35000.0 ms] a-server       takes 25.0 ms from now on
[ 36729.1 ms] alice          the server 203.0.113.1:3478 is lost (no answer), calls it again in 919 ms
[ 37649.0 ms] alice          calls the server 203.0.113.1:3478
[ 37699.0 ms] alice          the server 203.0.113.1:3478 answers, 50 ms there and back
[ 37724.0 ms] server         198.51.100.17:25020 listens in room b547...
[ 37749.0 ms] alice          the server sees us as 198.51.100.17:25020
[ 37749.0 ms] alice          registered with the server at 203.0.113.1:3478, in room b54784e849de2724b639d1e98f81487f8ea8c4b46bbd4b007f006ef20a9161d5
[ 45000.0 ms] bob            our address: 192.168.2.10:35829 (host)
[ 45000.0 ms] bob            calls the server 203.0.113.1:3478
[ 45050.0 ms] bob            the server 203.0.113.1:3478 answers, 50 ms there and back
[ 45050.0 ms] bob            knocks
[ 45075.0 ms] server         198.51.100.33:35829 knocks in room b547...
[ 45075.0 ms] server         198.51.100.33:35829 and 198.51.100.17:25020 start, after 0.0 and 0.0 ms
[ 45100.0 ms] bob            our address: 198.51.100.33:35829 (srflx)
[ 45100.0 ms] bob            the server heard the knock; it sees us as 198.51.100.33:35829
[ 45100.0 ms] bob            our NAT keeps one port towards everybody (endpoint-independent), preserves ports
[ 45100.0 ms] alice          the peer's description is here: attempt 1 starts
[ 45100.0 ms] alice          the server starts both: the peer is 198.51.100.33:35829; begins at once, 100 ms to the peer and back through the server
[ 45100.0 ms] alice          leaves out 192.168.2.10:35829 (its own address): it is private and not of a network of ours
[ 45100.0 ms] alice          the peer offers 198.51.100.33:35829 (as its server sees it)
[ 45100.0 ms] alice          dials 198.51.100.33:35829
[ 45100.0 ms] bob            the peer's description is here: attempt 1 starts
[ 45100.0 ms] bob            the server starts both: the peer is 198.51.100.17:25020; begins at once, 100 ms to the peer and back through the server
[ 45100.0 ms] bob            the peer offers 198.51.100.17:25020 (as its server sees it)
[ 45100.0 ms] bob            leaves out 192.168.1.10:37308 (its own address): it is private and not of a network of ours
[ 45100.0 ms] bob            the peer's NAT keeps one port towards everybody (endpoint-independent)
[ 45100.0 ms] bob            dials 198.51.100.17:25020
[ 45120.0 ms] alice          connected to 198.51.100.33:35829
[ 45120.0 ms] bob            connected to 198.51.100.17:25020
[ 45130.0 ms] bob            198.51.100.17:25020 proves that it holds the secret
[ 45130.0 ms] bob            chooses the link to 198.51.100.17:25020
[ 45130.0 ms] alice          198.51.100.33:35829 proves that it holds the secret
[ 45140.0 ms] alice          the peer chooses the link to 198.51.100.33:35829
[ 45140.0 ms] alice          connected from 192.168.1.10:37308 to 198.51.100.33:35829, punched: TCP after 20.0 ms, authenticated and nominated after 40.0 ms
[ 45140.0 ms] bob            connected from 192.168.2.10:35829 to 198.51.100.17:25020, punched: TCP after 20.0 ms, authenticated and nominated after 40.0 ms
