"""Values turned into SVG and into the cells of large grids, on the server."""
