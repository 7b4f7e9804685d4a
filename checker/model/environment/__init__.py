"""What happens to nodes from outside: crashes. Each kind of it joins the nodes of any protocol."""
