SELECT count(*) FROM runs WHERE {where}
