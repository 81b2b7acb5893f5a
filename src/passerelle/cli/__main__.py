"""Run the command line: ``python -m passerelle.cli``."""

from passerelle.cli.app import main

if __name__ == "__main__":
    main()
