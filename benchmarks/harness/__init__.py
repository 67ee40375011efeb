"""What the scripts share: runs that resume, tables that name their origin, pages and plots."""
