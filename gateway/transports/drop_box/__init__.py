"""The drop box: an SFTP server of our own, each partner in folders of its own."""
