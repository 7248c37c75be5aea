{
    "name": "Probe of Several Nodes",
    "summary": "Says that it reads, and writes",
    "version": "19.0.1.0.0",
    "author": "Customer Operations Suite contributors",
    "license": "AGPL-3",
    "depends": ["base"],
}
