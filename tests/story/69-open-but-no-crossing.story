# neither NAT lets SYNs cross, a's lets everybody in: only where a's own SYN never came to it bob gets through
seed 69
site a: user, filter=eif, simopen=no
site b: user, simopen=no
alice at a: listens
bob at b: connects, after 100
