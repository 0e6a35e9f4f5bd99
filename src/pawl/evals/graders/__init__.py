"""One small file each: a question about one trial record, answered with what it rests on."""
