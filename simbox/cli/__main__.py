"""python -m simbox.cli"""

from simbox.cli import main

main()
