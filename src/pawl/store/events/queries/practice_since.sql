SELECT min(b.time) FROM requests AS b WHERE {where}
